"""Language models on a page: finished ones, one that trains, one of the reader's, and what judges say of stories."""
