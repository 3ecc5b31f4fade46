// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Verifies registration proofs (docs/protocol.md, section 4) with keys of IVerifyingKeys; see ITrainingVerifier.
interface IRegistrationVerifier {
    /// Returns the dataset's id, or reverts with the error of the first check that fails (section 5).
    function verifyRegistration(bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes32 datasetId);
}
