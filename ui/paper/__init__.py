"""The go-mHC paper, figure by figure: what each shows, where it is here, and what is different."""
