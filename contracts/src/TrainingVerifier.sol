// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProgramReader} from "./ProgramReader.sol";
import {TrainingTargets} from "./TrainingTargets.sol";
import {TrainingWeights} from "./TrainingWeights.sol";
import {Trainings, TrainingProof} from "./verifier/Training.sol";
import {Images} from "./verifier/Image.sol";
import {Curve} from "./verifier/Curve.sol";

/// Verifies training proofs of any program (docs/protocol.md, section 3). Stateless: whoever calls it must hold the statement against
/// what the chain knows (section 5 lists what a proof does not imply), the setup's digest included.
contract TrainingVerifier {
    using Trainings for TrainingProof;

    ProgramReader public immutable reader;
    TrainingTargets public immutable targets;
    TrainingWeights public immutable weights;

    /// The parts that it consists of, of the same build: it trusts them like its own code.
    constructor(ProgramReader reader_, TrainingTargets targets_, TrainingWeights weights_) {
        reader = reader_;
        targets = targets_;
        weights = weights_;
    }

    /// Returns [W_out], 64 bytes a vector, or reverts with the error of the first check that fails (section 5). IllegalProgram and
    /// WrongTable speak of the key, PrecompileFailed of too little gas: none of the three is a verdict on the proof.
    ///
    /// program: canonical bytes (section 8). tablePoints: the key's committed tables. setup: tau G1, then tau H, 192 bytes.
    /// statement: as absorbed (section 7). proofFile: the whole file, header included.
    function verifyTraining(
        bytes calldata program,
        bytes calldata tablePoints,
        bytes calldata setup,
        bytes calldata statement,
        bytes calldata proofFile
    ) external view returns (bytes memory updateCommitment) {
        Images.begin();
        TrainingProof memory proof;
        bytes32 key = proof.openKey(reader, program, tablePoints);
        proof.openFile(key, setup, statement, proofFile);
        proof.readCommitments();
        proof.readSumchecks();
        proof.readBatch(targets);
        proof.readOpening();
        proof.check(weights);
        return Curve.copy(proof.update, proof.lay.nW);
    }
}
