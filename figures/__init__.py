"""Arrays in, plotly figures out: nothing here computes what it draws."""
