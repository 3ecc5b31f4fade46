"""The files `fedproof init` writes."""

TASK = """\
# What participants train together. Everybody who takes part uses this very file:
# its digest is what they agree on. `fedproof inspect task.toml` shows what it comes down to.

[task]
name = "my-task"
rounds = 10               # federated rounds
seed = 1                  # of the first model: an integer or 64 hex digits
min_records = 50          # with fewer records nobody may take part
min_accepted = 2          # updates a published sum must have. With 2 each knows the other's: 3 or more hide them

[model]
# Dense layers; hidden ones with activation "relu" or "identity", the last without.
layers = [
  { units = 16, activation = "relu" },
  { units = 2 },
]
loss = "sigmoid-cross-entropy"    # or "squared-error", with [data] targets instead of target and classes

[training]
learning_rate = 0.5
steps = 4                 # SGD steps of a participant in one round
batch = 32                # records of a step, a power of two
# blocks = 4              # blocks of `batch` records in everybody's dataset, a power of two

[data]
# Columns of everybody's CSV. Normalised value = (value - mean) / scale: public constants, not computed from the data.
# impute: stands in for missing values; without it a missing value is an error.
features = [
  { name = "age", mean = 50.0, scale = 15.0 },
  { name = "blood pressure", mean = 120.0, scale = 20.0, impute = 120.0 },
]
target = "diagnosis"
classes = ["healthy", "ill"]
# targets = [{ name = "days", mean = 300.0, scale = 200.0 }]    # for squared-error

# [precision]
# bits = 12               # of activations and deltas: 8, 10, 12, 14 or 16
# weight_bound = 16.0     # weights stay below this in absolute value
"""

RUN = """\
# A run on this machine: `fedproof run run.toml`. Paths are relative to this file.

task = "task.toml"
out = "run"               # results; must not exist yet (`--resume` goes on with an unfinished run there)
# ptau = "pot15.ptau"     # setup of a ceremony; without it the INSECURE development setup is used
# mode = "prove"          # "check" and "off" prove nothing
# timeout = 600           # seconds to wait for a participant
# restarts = 5            # of a process that crashes, in one round

# A participant's folder holds data/ (one file), and gets key/ and store/.
[[participant]]
name = "clinic-1"
folder = "clinic-1"

[[participant]]
name = "clinic-2"
folder = "clinic-2"
"""
