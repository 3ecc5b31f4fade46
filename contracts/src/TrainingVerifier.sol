// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITrainingVerifier} from "./interfaces/ITrainingVerifier.sol";
import {VerifyingKeys} from "./VerifyingKeys.sol";
import {TrainingWeights} from "./TrainingWeights.sol";
import {Trainings, TrainingProof} from "./verifier/Training.sol";
import {Targets} from "./verifier/Targets.sol";
import {Images} from "./verifier/Image.sol";
import {Scalar} from "./verifier/Scalar.sol";
import {Curve} from "./verifier/Curve.sol";

/// Verifies training proofs of any program.
contract TrainingVerifier is ITrainingVerifier {
    using Trainings for TrainingProof;

    VerifyingKeys public immutable keys;
    TrainingWeights public immutable weights;

    /// Where its keys are, and its other part, both of the same build: it trusts them like its own code.
    constructor(VerifyingKeys keys_, TrainingWeights weights_) {
        keys = keys_;
        weights = weights_;
    }

    /// @inheritdoc ITrainingVerifier
    function verifyTraining(bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory updateCommitment)
    {
        function(TrainingProof memory, bytes calldata, bytes calldata) view returns (bytes memory) verify = _verify;
        function(uint256, bytes calldata, bytes calldata) view returns (bytes memory) verifyAt;
        assembly ("memory-safe") {
            verifyAt := verify
        }
        return verifyAt(Trainings.open(address(keys), keyId), statement, proofFile);
    }

    function _verify(TrainingProof memory proof, bytes calldata statement, bytes calldata proofFile)
        private
        view
        returns (bytes memory)
    {
        proof.openFile(statement, proofFile);
        proof.readCommitments();
        proof.readSumchecks();
        uint256 end = Images.mark();
        Scalar target = Targets.sum(proof);
        Images.release(end);
        proof.readBatch(target);
        proof.readOpening();
        proof.check(weights);
        return Curve.copy(proof.update, proof.lay.nW);
    }
}
