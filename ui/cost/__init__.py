"""What methods cost, and what a budget buys."""
