// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProgramReader} from "./ProgramReader.sol";
import {Images} from "./verifier/Image.sol";
import {Registrations, RegistrationProof} from "./verifier/Registration.sol";

/// Verifies registration proofs of any program (docs/protocol.md, section 4). Stateless: see TrainingVerifier.
contract RegistrationVerifier {
    using Registrations for RegistrationProof;

    ProgramReader public immutable reader;

    constructor(ProgramReader reader_) {
        reader = reader_;
    }

    /// Returns the dataset's id, or reverts with the error of the first check that fails (section 5). Arguments as in
    /// TrainingVerifier.
    function verifyRegistration(
        bytes calldata program,
        bytes calldata tablePoints,
        bytes calldata setup,
        bytes calldata statement,
        bytes calldata proofFile
    ) external view returns (bytes32 datasetId) {
        Images.begin();
        RegistrationProof memory proof;
        bytes32 key = proof.openKey(reader, program, tablePoints);
        proof.openFile(key, setup, statement, proofFile);
        proof.read();
        proof.check();
        return keccak256(abi.encodePacked("fedproof/dataset/1", statement));
    }
}
