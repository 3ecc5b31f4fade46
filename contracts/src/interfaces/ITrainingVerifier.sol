// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Verifies training proofs (docs/protocol.md, section 3) with keys of IVerifyingKeys. Keeps nothing: whoever calls it must hold the
/// statement against what the chain knows (section 5 lists what a proof does not imply).
interface ITrainingVerifier {
    /// Returns [W_out], 64 bytes a vector, or reverts with the error of the first check that fails (section 5). UnknownKey speaks of the
    /// key, PrecompileFailed of too little gas: neither is a verdict on the proof.
    ///
    /// statement: as absorbed (section 7). proofFile: the whole file, header included.
    function verifyTraining(bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory updateCommitment);
}
