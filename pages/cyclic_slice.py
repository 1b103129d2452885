"""The former address of *Inside the polytope*: old links go on to the page with all their settings."""

import streamlit as st

st.switch_page("pages/inside_the_polytope.py", query_params=st.query_params.to_dict())
