"""The same judgement inside a Gradescope container."""
