"""The demo municipality: invented people in invented institutions, the same ones whenever the seed is the same.

:mod:`admin_ui.demo.municipality` is the way in.
"""
