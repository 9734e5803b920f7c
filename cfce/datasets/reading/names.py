"""What the columns of public rating files are called, and which of them is what."""

import re
from collections.abc import Container, Sequence

from cfce.errors import UserError


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


USUAL = {
    "user": _words(
        """user userid uid userno username userindex reviewerid customerid memberid readerid raterid listenerid viewerid visitorid
        accountid profileid personid playerid studentid reviewer customer member reader rater profilename author authorid"""
    ),
    "item": _words(
        """item itemid iid itemno movieid movie filmid film asin parentasin isbn bookid book productid product songid song trackid
        track artistid artist albumid jokeid joke animeid anime gameid game appid businessid restaurantid placeid venueid recipeid
        beerid beerbeerid beername wineid courseid articleid docid showid titleid imdbid hotelid itemname moviename movietitle
        title name"""
    ),
    "rating": _words(
        """rating ratings ratingvalue ratingscore overall bookrating movierating userrating reviewrating starrating reviewoverall
        stars star score reviewscore userscore ratingoverall value"""
    ),
    "timestamp": _words(
        """timestamp time unixreviewtime unixtime ratingtimestamp reviewtime datetime ratingtime date ratingdate reviewdate
        createdat tstamp ts"""
    ),
    "part": ("part",),
}
"""Role to the names of its columns, without case and punctuation; the earlier of two names is taken."""

REQUIRED = ("user", "item", "rating")


def plain(name: str) -> str:
    """A column's name as it is compared: without case, punctuation, and the type that atomic files of RecBole put behind it.

    >>> plain("User-ID"), plain("user_id:token"), plain(" Book-Rating ")
    ('userid', 'userid', 'bookrating')
    """
    return re.sub(r"[^a-z0-9]", "", re.sub(r":(token|float|token_seq|float_seq)$", "", name.strip().lower()))


def by_name(names: Sequence[str], where: str, except_for: Container[str] = ()) -> dict[str, int]:
    """Role to the number of its column, for the names that are known; but for the roles that are found already.

    Raises ``UserError`` where two columns have one name, as ``userId`` and ``user_id``.

    >>> by_name(["userId", "movieId", "rating", "timestamp"], "ratings.csv")
    {'user': 0, 'item': 1, 'rating': 2, 'timestamp': 3}
    """
    plains = [plain(name) for name in names]
    found = {}
    for role, usual in USUAL.items():
        for name in usual:
            if name in plains and role not in except_for:
                if plains.count(name) > 1:
                    twice = ", ".join(f"'{one}'" for one, same in zip(names, plains, strict=True) if same == name)
                    raise UserError(
                        f"'{where}' has the columns {twice}; name the one that is the {role} (--columns {role}=NUMBER)"
                    )
                found[role] = plains.index(name)
                break
    return found
