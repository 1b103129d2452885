"""What files of numbers hold, by name: shapes and types at once, the numbers of a tensor when they are asked for."""
