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
# Dense layers; hidden ones have an activation: identity, relu, leaky-relu, sigmoid, tanh, gelu or silu.
layers = [
  { units = 16, activation = "relu" },
  { units = 2 },
]
# One class of several: "softmax-cross-entropy" or "sigmoid-cross-entropy"; several labels: the latter with [data]
# labels; numbers: "squared-error" or "huber" with [data] targets.
loss = "softmax-cross-entropy"
# class_weights = [1.0, 3.0]      # how much a record of each class counts
# positive_weights = [2.0, 5.0]   # how much a 1 of each label counts beside a 0
# huber_delta = 1.0               # for huber: where it becomes linear, in normalised units

[training]
optimiser = "sgd"         # or "momentum", "nesterov", as in torch.optim.SGD
# momentum = 0.9          # for those two; starts anew every round
learning_rate = 0.5
# weight_decay = 0.0001   # at most 256 steps a round with momentum, weight_decay or proximal
# proximal = 0.01         # FedProx: pulls towards the round's first model
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
# labels = ["cough", "fever"]     # instead of target and classes: columns of 0 and 1
# targets = [{ name = "days", mean = 300.0, scale = 200.0 }]    # instead, for squared-error and huber

# [precision]
# bits = 12               # of activations and deltas: 8, 10, 12, 14 or 16
# weight_bound = 16.0     # weights stay below this in absolute value

# [proof]
# prefer = "time"         # of proving; "gas" of verifying, or "size" of the proof
"""

RUN = """\
# A run on this machine: `fedproof run run.toml`. Paths are relative to this file.

task = "task.toml"
out = "run"               # results; must not exist yet (`--resume` goes on with an unfinished run there)
# ptau = "pot15.ptau"     # setup of a ceremony; without it the INSECURE development setup is used
# mode = "prove"          # "check" and "off" prove nothing
# prove_rounds = 1        # of mode "check" or "off": the last rounds are proven nevertheless
# timeout = 600           # seconds to wait for a participant
# restarts = 5            # of a process that crashes, in one round

# With this section rounds, stakes and rewards are on a chain, by default one of its own in `out` (docs/on-chain.md).
# [chain]
# rpc = "https://node.example"    # a public chain instead; then sponsor, aggregator and token are needed too
# deployment = "contracts.json"   # of contracts that are there already (`fedproof chain deploy`)
# token = "0x…"                   # of stake and rewards
# sponsor = "sponsor"             # folder with the key that pays the rewards
# aggregator = "aggregator"       # folder with the key that closes rounds
# mode = "bonded"                 # instead of "eager": claims backed by stake, verified only when contested
# reward = 100                    # of a round, in equal parts for the accepted updates
# stake = 100                     # of every participant
# windows = { join = 3600, reveal = 600, submit = 3600, close = 3600 }    # seconds at most

# A participant's folder holds data/ (one file), and gets key/ and store/.
[[participant]]
name = "clinic-1"
folder = "clinic-1"

[[participant]]
name = "clinic-2"
folder = "clinic-2"
"""
