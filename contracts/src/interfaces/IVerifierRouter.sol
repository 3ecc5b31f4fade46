// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITrainingVerifier} from "./ITrainingVerifier.sol";
import {IRegistrationVerifier} from "./IRegistrationVerifier.sol";
import {ICloseVerifier} from "./ICloseVerifier.sol";

/// The verifiers of a version: frozen, of one build, reading keys of the router's VerifyingKeys.
struct Verifiers {
    ITrainingVerifier training;
    uint64 usableAt; // 0: there is no such version
    IRegistrationVerifier registration;
    ICloseVerifier close;
}

/// Proof kinds (docs/protocol.md, section 8) by frozen version. Versions are added under a timelock, never swapped; anybody can stop one
/// for a setup by proving a statement with it that is false by construction.
interface IVerifierRouter {
    event VersionAnnounced(uint32 indexed version, address training, address registration, address close, uint64 usableAt);
    event Stopped(uint32 indexed version, bytes32 indexed setupDigest, bytes32 keyId, uint8 kind);

    /// All revert with the verifier's typed error, or VersionUnusable.
    function verifyTraining(uint32 version, bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory update);

    function verifyRegistration(uint32 version, bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes32 datasetId);

    function verifyClose(uint32 version, bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory next);

    /// Usable from its announced time on, unless stopped for the key's setup.
    function usable(uint32 version, bytes32 keyId) external view returns (bool);

    /// The verifiers of a version, and from when on it is usable (0: there is none). Once there, they never change.
    function verifiersOf(uint32 version)
        external
        view
        returns (ITrainingVerifier training, IRegistrationVerifier registration, ICloseVerifier close, uint64 usableAt);

    /// Whether it was stopped for a setup. Whoever asks a verifier of `verifiersOf` itself, from `usableAt` on, must ask this too.
    function stopped(uint32 version, bytes32 setupDigest) external view returns (bool);

    /// The statement must be one of the reserved false ones (registration and training: [D] all identity and count > 0; close: [S] all
    /// identity and [W'] = G1 in the first vector, identity else). If the version accepts the proof, it is stopped for this setup.
    function stop(uint32 version, uint8 kind, bytes32 keyId, bytes calldata statement, bytes calldata proofFile) external;
}
