// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICloseVerifier} from "./interfaces/ICloseVerifier.sol";
import {VerifyingKeys} from "./VerifyingKeys.sol";
import {Closes, CloseProof} from "./verifier/Close.sol";
import {Curve} from "./verifier/Curve.sol";

/// Verifies round-close proofs of any program: see TrainingVerifier.
contract CloseVerifier is ICloseVerifier {
    using Closes for CloseProof;

    VerifyingKeys public immutable keys;

    constructor(VerifyingKeys keys_) {
        keys = keys_;
    }

    /// @inheritdoc ICloseVerifier
    function verifyClose(bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory nextCommitment)
    {
        function(CloseProof memory, bytes calldata, bytes calldata) view returns (bytes memory) verify = _verify;
        function(uint256, bytes calldata, bytes calldata) view returns (bytes memory) verifyAt;
        assembly ("memory-safe") {
            verifyAt := verify
        }
        return verifyAt(Closes.open(address(keys), keyId), statement, proofFile);
    }

    function _verify(CloseProof memory proof, bytes calldata statement, bytes calldata proofFile)
        private
        view
        returns (bytes memory)
    {
        proof.openFile(statement, proofFile);
        proof.readCommitments();
        proof.readSumchecks();
        proof.readOpening();
        proof.check();
        return Curve.copy(proof.statement.next, proof.lay.nW);
    }
}
