// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Verifies round-close proofs (docs/protocol.md, section 4a) with keys of IVerifyingKeys; see ITrainingVerifier.
interface ICloseVerifier {
    /// Returns [W'], 64 bytes a vector, or reverts with the error of the first check that fails (section 5). IllegalProgram says that
    /// rounds of the key's program have no such proof: its vectors are too short for one.
    ///
    /// The caller must see to it that [S] is the sum of the round's accepted [W_out] and count their number.
    function verifyClose(bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory nextCommitment);
}
