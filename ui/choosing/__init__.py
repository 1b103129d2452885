"""What the page Choose says, shows and gives to paste."""
