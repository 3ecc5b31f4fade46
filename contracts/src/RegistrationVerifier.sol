// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRegistrationVerifier} from "./interfaces/IRegistrationVerifier.sol";
import {VerifyingKeys} from "./VerifyingKeys.sol";
import {Registrations, RegistrationProof} from "./verifier/Registration.sol";

/// Verifies registration proofs of any program: see TrainingVerifier.
contract RegistrationVerifier is IRegistrationVerifier {
    using Registrations for RegistrationProof;

    VerifyingKeys public immutable keys;

    constructor(VerifyingKeys keys_) {
        keys = keys_;
    }

    /// @inheritdoc IRegistrationVerifier
    function verifyRegistration(bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes32 datasetId)
    {
        function(RegistrationProof memory, bytes calldata, bytes calldata) view verify = _verify;
        function(uint256, bytes calldata, bytes calldata) view verifyAt;
        assembly ("memory-safe") {
            verifyAt := verify
        }
        verifyAt(Registrations.open(address(keys), keyId), statement, proofFile);
        return keccak256(abi.encodePacked("fedproof/dataset/1", statement));
    }

    function _verify(RegistrationProof memory proof, bytes calldata statement, bytes calldata proofFile) private view {
        proof.openFile(statement, proofFile);
        proof.read();
        proof.check();
    }
}
