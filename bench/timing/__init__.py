"""How fast the engines are: an epoch, a prediction, and growth with the data; everything that 'bench time' says."""
