"""The former address of *Inside the polytope*: old links go on to the page with all their settings."""

import streamlit as st

# In place of this entry in the browser's history: st.switch_page would add one, and Back would lead here again.
GO_ON = "window.location.replace(window.location.href.replace('cyclic_slice', 'inside_the_polytope'))"
st.html(f"<script>{GO_ON}</script>", unsafe_allow_javascript=True)
