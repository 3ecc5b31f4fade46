# ruff: noqa: D102, D103
"""Whole random instances: data, statements, proofs."""

import random

from .data import dataset_table, vectors, weight_table
from .field import R, keccak256
from .layout import Layout
from .prover import commit_weights, prove_registration, prove_training
from .setup import Setup, table_points
from .statement import RegistrationStatement, TrainingStatement, dataset_id, key_digest
from .transcript import TRAINING


def random_blocks(program, rng):
    pr, half = program, 1 << (program.l - 1)
    blocks = []
    for _ in range(pr.nblocks):
        block = []
        for _ in range(pr.B):
            features = [rng.randrange(-half, half) for _ in range(pr.dims[0])]
            valid = int(rng.random() < 0.85)
            if pr.one_hot:
                targets = [0] * pr.dims[-1]
                if valid:
                    targets[rng.randrange(pr.dims[-1])] = 1 << pr.fd
            elif pr.cross_entropy:
                targets = [rng.choice([0, 1]) << pr.fd for _ in range(pr.dims[-1])]
                if pr.weights is not None and not valid:
                    targets = [0] * pr.dims[-1]
            else:
                targets = [rng.randrange(-half, half) for _ in range(pr.dims[-1])]
            block.append((features, targets, valid))
        blocks.append(block)
    return blocks


class Instance:
    """A random task, dataset and model, with statements."""

    def __init__(self, program, seed=1, setup=None, blocks=None, matrices=None):
        program.validate()
        rng = self.rng = random.Random(seed)
        self.program, self.setup, self.layout = program, setup or Setup(), Layout(program)
        lay = self.layout
        self.blocks = blocks or random_blocks(program, rng)
        self.data = dataset_table(lay, self.blocks)
        self.data_blinds = [rng.randrange(R) for _ in range(lay.nD)]
        self.data_points = [
            self.setup.commit([*(x % R for x in cells), b])
            for cells, b in zip(vectors(self.data, lay.n), self.data_blinds, strict=True)
        ]
        self.table = table_points(program, self.setup)
        self.key = key_digest(program, self.table)
        self.matrices = matrices or program.initial_weights(keccak256(b"model %d" % seed))
        self.w0 = weight_table(lay, self.matrices)

        def word():
            return rng.randrange(1 << 256).to_bytes(32, "big")

        chain, hub, submitter, task = (word() for _ in range(4))
        count = sum(r[2] for block in self.blocks for r in block)
        self.registration = RegistrationStatement(
            chain, hub, submitter, task, self.key, self.setup.digest, word(), self.data_points, count
        )
        pi, beta = program.schedule(word())
        self.batches = [self.blocks[program.block(pi, beta, t)] for t in range(program.T)]
        self.training = TrainingStatement(
            chain,
            hub,
            submitter,
            task,
            word(),
            self.key,
            self.setup.digest,
            commit_weights(lay, self.setup, self.w0),
            dataset_id(self.registration.encode()),
            self.data_points,
            pi,
            beta,
            sum(r[2] for batch in self.batches for r in batch),
        )

    def prove_training(self, **options):
        proof, trace, engine = prove_training(
            self.program, self.setup, self.w0, self.data, self.data_blinds, self.training, rng=self.rng, **options
        )
        self.trace, self.engine = trace, engine
        return proof

    def prove_registration(self, **options):
        proof, self.registration_engine = prove_registration(
            self.program, self.setup, self.data, self.data_blinds, self.registration, rng=self.rng, **options
        )
        return proof

    def arguments(self, kind, proof, statement=None):
        """Arguments of verifier.verify"""
        if statement is None:
            statement = (self.training if kind == TRAINING else self.registration).encode()
        return kind, self.program, self.table, self.setup.g1, self.setup.h, statement, proof
