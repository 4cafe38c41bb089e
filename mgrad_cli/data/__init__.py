"""Read and write rows in CSV, TSV, JSON Lines, Parquet and Arrow IPC, in bounded memory.

bytes -> chunks of whole records -> blocks of columns -> results beside the columns to keep -> bytes
"""
