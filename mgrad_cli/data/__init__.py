"""Data files as blocks of rows, and back: CSV, TSV, JSON Lines, Parquet and Arrow IPC, in bounded memory.

bytes -> chunks of whole records -> blocks of columns -> results beside what is kept -> bytes
"""
