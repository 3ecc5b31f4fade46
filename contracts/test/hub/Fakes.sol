// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeacon} from "../../src/interfaces/IBeacon.sol";
import {ICloseVerifier} from "../../src/interfaces/ICloseVerifier.sol";
import {IRegistrationVerifier} from "../../src/interfaces/IRegistrationVerifier.sol";
import {ITrainingVerifier} from "../../src/interfaces/ITrainingVerifier.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Shape} from "../../src/interfaces/IVerifyingKeys.sol";
import {OpeningFailed, PrecompileFailed} from "../../src/verifier/Errors.sol";

/// One key of a chosen shape.
contract FakeKeys {
    bytes32 public constant KEY = keccak256("key digest");
    bytes32 public constant SETUP = keccak256("setup digest");
    Shape private _shape;

    /// steps T, batch B, 2^nb blocks
    constructor(uint256 nW, uint256 nD, uint256 steps, uint256 batch, uint256 nb) {
        _shape = Shape(nW, nD, nb, steps, batch, 1 << nb, steps * batch, 0, 0);
    }

    function isStored(bytes32 keyId) external pure returns (bool) {
        return keyId == keccak256("key");
    }

    function keyDigest(bytes32) external pure returns (bytes32) {
        return KEY;
    }

    function setupDigest(bytes32) external pure returns (bytes32) {
        return SETUP;
    }

    function shape(bytes32) external view returns (Shape memory) {
        return _shape;
    }
}

/// Takes for a proof: keccak256(kind ‖ statement), then what the verifier answers.
contract FakeRouter is IVerifierRouter, ITrainingVerifier {
    bool public broken;
    bool public silent;
    bool private _stopped;

    /// Fails without a verdict: by a typed error, or by none.
    function breakDown(bool silent_) external {
        (broken, silent) = (true, silent_);
    }

    function stopAll() external {
        _stopped = true;
    }

    function verifyTraining(uint32, bytes32, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes memory)
    {
        return _verify("training", statement, proofFile);
    }

    function verifyTraining(bytes32, bytes calldata statement, bytes calldata proofFile) external view returns (bytes memory) {
        return _verify("training", statement, proofFile);
    }

    function verifyRegistration(uint32, bytes32, bytes calldata statement, bytes calldata proofFile)
        external
        view
        returns (bytes32)
    {
        _verify("registration", statement, proofFile);
        return keccak256(abi.encodePacked("fedproof/dataset/1", statement));
    }

    function verifyClose(uint32, bytes32, bytes calldata statement, bytes calldata proofFile) external view returns (bytes memory) {
        return _verify("close", statement, proofFile);
    }

    function usable(uint32 version, bytes32) external view returns (bool) {
        return version == 1 && !_stopped;
    }

    function stopped(uint32, bytes32) external view returns (bool) {
        return _stopped;
    }

    function verifiersOf(uint32) external view returns (ITrainingVerifier, IRegistrationVerifier, ICloseVerifier, uint64) {
        return (this, IRegistrationVerifier(address(0)), ICloseVerifier(address(0)), 1);
    }

    function stop(uint32, uint8, bytes32, bytes calldata, bytes calldata) external {
        _stopped = true;
    }

    function _verify(string memory kind, bytes calldata statement, bytes calldata proofFile) private view returns (bytes memory) {
        if (broken && silent) {
            assembly {
                revert(0, 0)
            }
        }
        if (broken) revert PrecompileFailed();
        if (proofFile.length < 32 || bytes32(proofFile[:32]) != keccak256(abi.encodePacked(kind, statement))) {
            revert OpeningFailed();
        }
        return proofFile[32:];
    }
}

/// All are present but those that a test names; ready unless told otherwise.
contract FakeBeacon is IBeacon {
    bool public late;
    bool public failing;
    uint32 public absent;
    mapping(uint32 round => uint32) public entered;
    mapping(uint32 round => mapping(address => bool)) public isAbsent;
    mapping(address member => bytes32) public tips;

    function setLate(bool late_) external {
        late = late_;
    }

    function fail(bool failing_) external {
        failing = failing_;
    }

    function miss(uint32 round, address member) external {
        isAbsent[round][member] = true;
        ++absent;
    }

    function enrol(bytes32, address member, bytes32 tip) external {
        tips[member] = tip;
    }

    function begin(bytes32, uint32 round, uint32 entered_, uint64) external {
        require(!failing, "beacon");
        (entered[round], absent) = (entered_, 0);
    }

    function seed(address, bytes32, uint32 round) external view returns (bool, bytes32, uint32) {
        require(!failing, "beacon");
        return (!late, keccak256(abi.encode("beacon", round)), entered[round] - absent);
    }

    function isPresent(address, bytes32, uint32 round, address member) external view returns (bool) {
        return !isAbsent[round][member];
    }
}
