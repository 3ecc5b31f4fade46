// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVerifyingKeys, Shape} from "./interfaces/IVerifyingKeys.sol";
import {ProgramReader} from "./ProgramReader.sol";
import {Images} from "./verifier/Image.sol";
import {Plan, Plans} from "./verifier/Plan.sol";
import {Key, Keys} from "./verifier/Key.sol";
import {KeyParts} from "./verifier/KeyParts.sol";
import {RegistrationLayout, RegistrationLayouts} from "./verifier/RegistrationLayout.sol";

/// Checks keys once and keeps what verifiers read of them (verifier/Key.sol): nobody can write or replace a key in any other way.
contract VerifyingKeys is IVerifyingKeys {
    ProgramReader public immutable reader;

    /// Of the same build: it is trusted like own code.
    constructor(ProgramReader reader_) {
        reader = reader_;
    }

    /// @inheritdoc IVerifyingKeys
    function store(bytes calldata program, bytes calldata tablePoints, bytes calldata setup) external returns (bytes32 keyId) {
        bytes32 digest = KeyParts.digest(program, tablePoints);
        bytes32 setupDigest_ = KeyParts.setupDigest(setup);
        keyId = keccak256(abi.encode(digest, setupDigest_));
        // the id fixes all bytes: they were checked before
        if (isStored(keyId)) return keyId;
        KeyParts.checkSetup(setup);
        emit KeyStored(keyId, digest, setupDigest_, program);

        // far behind, since only what is needed of it becomes the key
        uint256 place = KeyParts.begin();
        uint256 plan = Plans.read(reader, program);
        function(Key memory, Plan memory, bytes calldata, bytes calldata) pure fill = _fill;
        function(uint256, uint256, bytes calldata, bytes calldata) pure fillAt;
        assembly ("memory-safe") {
            fillAt := fill
            mstore(add(place, 288), digest)
            mstore(add(place, 320), setupDigest_)
        }
        fillAt(place, plan, tablePoints, setup);
        Keys.write(keyId);
    }

    /// Everything but the digests.
    function _fill(Key memory key, Plan memory plan, bytes calldata tablePoints, bytes calldata setup) private pure {
        KeyParts.checkTables(tablePoints, plan.lay.tablePoints);
        RegistrationLayout memory registration = RegistrationLayouts.compute(plan.program, plan.lay);
        KeyParts.shape(key, plan.program, plan.lay, registration);
        KeyParts.keep(key, plan.program, plan.lay, registration, tablePoints, setup);
    }

    /// @inheritdoc IVerifyingKeys
    function isStored(bytes32 keyId) public view returns (bool) {
        return Keys.addressOf(address(this), keyId).code.length != 0;
    }

    /// @inheritdoc IVerifyingKeys
    function keyDigest(bytes32 keyId) external view returns (bytes32) {
        return _digests(keyId)[0];
    }

    /// @inheritdoc IVerifyingKeys
    function setupDigest(bytes32 keyId) external view returns (bytes32) {
        return _digests(keyId)[1];
    }

    function _digests(bytes32 keyId) private view returns (bytes32[2] memory digests) {
        uint256 target;
        assembly ("memory-safe") {
            target := digests
        }
        Keys.peek(address(this), keyId, target, 9, 2);
    }

    /// @inheritdoc IVerifyingKeys
    function shape(bytes32 keyId) external view returns (Shape memory words) {
        uint256 target;
        assembly ("memory-safe") {
            target := words
        }
        Keys.peek(address(this), keyId, target, 0, 9);
    }
}
