"""How fast the engines are: an epoch, a forecast, and growth with the data; everything that 'bench time' says."""
