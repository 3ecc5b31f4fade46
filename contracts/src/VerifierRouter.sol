// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVerifierRouter, Verifiers} from "./interfaces/IVerifierRouter.sol";
import {IVerifyingKeys} from "./interfaces/IVerifyingKeys.sol";
import {ITrainingVerifier} from "./interfaces/ITrainingVerifier.sol";
import {IRegistrationVerifier} from "./interfaces/IRegistrationVerifier.sol";
import {ICloseVerifier} from "./interfaces/ICloseVerifier.sol";
import {Reserved} from "./protocol/Reserved.sol";
import {TRAINING, REGISTRATION} from "./verifier/Files.sol";

/// There is no such version, its time has not come, or it was stopped for the setup of the key.
error VersionUnusable(uint32 version, bytes32 keyId);
/// Only the announcer adds versions, until it renounces.
error NotAnnouncer(address caller);
/// There is no code at the address.
error NotAContract(address verifier);
/// Stopped once is stopped for ever.
error AlreadyStopped(uint32 version, bytes32 setupDigest);

/// Versions of the verifiers. Number 1 is there from the beginning. The announcer can add others, which wait for the timelock, so that
/// everybody can read them first; it can neither change nor remove nor stop one, a task names the version it trusts, and the announcer may renounce.
///
/// Emergency stop: whoever proves a reserved false statement (Reserved.sol) to a version has shown that it accepts what is false, and
/// stops it: it verifies nothing any more. No key, vote or judgement is involved, and no true statement can stop anything.
///
/// The scope is (version, setup). A false proof shows that the verifier is broken, or that somebody knows the setup's tau. Keys are stored by
/// anybody, also under setups whose tau he chose, and the tau of the development setup is public: whoever knows tau can prove
/// anything, and that says nothing about the verifier. Were the scope the version, anybody could stop it for everyone at no cost. Were it
/// the key (a program), a broken verifier would have to be stopped for each program anew. So tasks over a setup that is
/// forgeable by design can be stopped by anybody, as they can be robbed by anybody; those over an honest setup stop only if the
/// verifier is broken or that setup is, and then stop all.
contract VerifierRouter is IVerifierRouter {
    event AnnouncerRenounced();

    IVerifyingKeys public immutable keys;
    /// Seconds between the announcement of a version and its use.
    uint64 public immutable delay;
    /// Zero when it has renounced.
    address public announcer;
    /// Versions are numbered from 1.
    uint32 public versions;
    mapping(uint32 version => Verifiers) private _verifiers;
    /// @inheritdoc IVerifierRouter
    mapping(uint32 version => mapping(bytes32 setupDigest => bool)) public stopped;

    modifier onlyAnnouncer() {
        if (msg.sender != announcer) revert NotAnnouncer(msg.sender);
        _;
    }

    /// announcer_ zero: there will be no other version.
    constructor(
        IVerifyingKeys keys_,
        ITrainingVerifier training,
        IRegistrationVerifier registration,
        ICloseVerifier close,
        address announcer_,
        uint64 delay_
    ) {
        _requireCode(address(keys_));
        keys = keys_;
        announcer = announcer_;
        delay = delay_;
        _add(training, registration, close, uint64(block.timestamp));
    }

    /// Announcer only: adds a version, usable after the delay.
    function announce(ITrainingVerifier training, IRegistrationVerifier registration, ICloseVerifier close)
        external
        onlyAnnouncer
        returns (uint32 version)
    {
        return _add(training, registration, close, uint64(block.timestamp) + delay);
    }

    /// Announcer only: no version can be added from now on.
    function renounce() external onlyAnnouncer {
        announcer = address(0);
        emit AnnouncerRenounced();
    }

    /// @inheritdoc IVerifierRouter
    function verifyTraining(uint32 version, bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory update)
    {
        return _usable(version, keyId).training.verifyTraining(keyId, statement, proofFile);
    }

    /// @inheritdoc IVerifierRouter
    function verifyRegistration(uint32 version, bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes32 datasetId)
    {
        return _usable(version, keyId).registration.verifyRegistration(keyId, statement, proofFile);
    }

    /// @inheritdoc IVerifierRouter
    function verifyClose(uint32 version, bytes32 keyId, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory next)
    {
        return _usable(version, keyId).close.verifyClose(keyId, statement, proofFile);
    }

    /// @inheritdoc IVerifierRouter
    function usable(uint32 version, bytes32 keyId) external view returns (bool) {
        return keys.isStored(keyId) && _isUsable(version, keyId);
    }

    /// @inheritdoc IVerifierRouter
    /// @dev Also before the version is usable.
    function stop(uint32 version, uint8 kind, bytes32 keyId, bytes calldata statement, bytes calldata proofFile) external {
        Verifiers storage v = _verifiers[version];
        if (v.usableAt == 0) revert VersionUnusable(version, keyId);
        bytes32 setup = keys.setupDigest(keyId);
        if (stopped[version][setup]) revert AlreadyStopped(version, setup);
        Reserved.check(kind, keys.shape(keyId), keys.keyDigest(keyId), setup, statement);
        stopped[version][setup] = true;
        emit Stopped(version, setup, keyId, kind);
        // each reverts unless the proof is accepted
        if (kind == TRAINING) v.training.verifyTraining(keyId, statement, proofFile);
        else if (kind == REGISTRATION) v.registration.verifyRegistration(keyId, statement, proofFile);
        else v.close.verifyClose(keyId, statement, proofFile);
    }

    /// @inheritdoc IVerifierRouter
    function verifiersOf(uint32 version)
        external
        view
        returns (ITrainingVerifier training, IRegistrationVerifier registration, ICloseVerifier close, uint64 usableAt)
    {
        Verifiers storage v = _verifiers[version];
        return (v.training, v.registration, v.close, v.usableAt);
    }

    function _usable(uint32 version, bytes32 keyId) private view returns (Verifiers storage) {
        if (!_isUsable(version, keyId)) revert VersionUnusable(version, keyId);
        return _verifiers[version];
    }

    /// Reverts with UnknownKey if the key was never stored.
    function _isUsable(uint32 version, bytes32 keyId) private view returns (bool) {
        uint64 from = _verifiers[version].usableAt;
        return from != 0 && block.timestamp >= from && !stopped[version][keys.setupDigest(keyId)];
    }

    function _add(ITrainingVerifier training, IRegistrationVerifier registration, ICloseVerifier close, uint64 usableAt)
        private
        returns (uint32 version)
    {
        _requireCode(address(training));
        _requireCode(address(registration));
        _requireCode(address(close));
        version = ++versions;
        _verifiers[version] = Verifiers(training, usableAt, registration, close);
        emit VersionAnnounced(version, address(training), address(registration), address(close), usableAt);
    }

    function _requireCode(address target) private view {
        if (target.code.length == 0) revert NotAContract(target);
    }
}
