"""What the pages share: frame, linked widgets, streamed surveys, exports. The only package that imports streamlit."""
