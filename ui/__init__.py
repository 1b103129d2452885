"""What the pages share: their frame and widgets, links, long work, what is taken home, and a folder for each topic."""
