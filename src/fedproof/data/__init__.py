"""Private data: files in, fixed point out."""

from fedproof.data.encode import encode, encode_features, load_records
from fedproof.data.read import read_table
from fedproof.data.records import Records, fill_blocks, split
from fedproof.data.table import Table

__all__ = ["Records", "Table", "encode", "encode_features", "fill_blocks", "load_records", "read_table", "split"]
