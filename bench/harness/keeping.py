"""What of the outcome of a trial goes into the study: its record and its predictions, or the scores of these in their place."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.harness.outcome import Outcome
from bench.study.folder import StudyFolder
from bench.study.record import Record
from cfce.scale import RatingScale
from cfce.text import short

Reduce = Callable[[Path], tuple[bytes, bytes]]
"""From a file of predictions to the files of their scores and of the users of the fold."""
Reducing = Callable[[RatingScale], Reduce]


class Keeper:
    """Writes outcomes into the folder of a study as they come; with ``reducing``, scores in the place of predictions."""

    def __init__(self, folder: StudyFolder, scale: RatingScale, reducing: Reducing | None) -> None:
        self._folder = folder
        self._reduce = None if reducing is None else reducing(scale)
        self._passing = StudyFolder(folder.work)
        """Where predictions lie while their scores are made: as in any study, so the scores are the same."""

    def write(self, outcome: Outcome) -> Outcome:
        """Write an outcome, its record last; gives it as the study has it."""
        trial_id = outcome.record.trial_id
        if outcome.predictions is not None and self._reduce is not None:
            outcome = replace(outcome, record=self._reduced(self._reduce, outcome.record, outcome.predictions, outcome.rows))
        elif outcome.predictions is not None:
            self._folder.write_predictions(trial_id, outcome.predictions, outcome.rows)
        if outcome.printed:
            self._folder.write_log(trial_id, outcome.printed)
        self._folder.write_record(outcome.record)
        return outcome

    def _reduced(self, reduce: Reduce, record: Record, predictions: bytes, rows: bytes | None) -> Record:
        """Write the scores of predictions; the record of them, or of a failed trial where they cannot be scored."""
        passing = self._passing.prediction_file(record.trial_id)
        self._passing.write_predictions(record.trial_id, predictions, rows)
        without = replace(record, prediction_sha256=None, rows_sha256=None)
        try:
            scores, users = reduce(passing)
        except Exception as error:  # whatever a metric of a plug-in raises is a row of the study
            return replace(without, status="failed", reason=f"its predictions cannot be scored: {short(error)}")
        finally:
            passing.unlink()
        self._folder.write_scores(record.trial_id, scores, users)
        digests = [hashlib.sha256(content).hexdigest() for content in (scores, users)]
        return replace(without, scores_sha256=digests[0], users_sha256=digests[1])
