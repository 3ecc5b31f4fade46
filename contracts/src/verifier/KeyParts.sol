// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Key} from "./Key.sol";
import {Curve} from "./Curve.sol";
import {Files} from "./Files.sol";
import {WrongSetup, WrongTable} from "./Errors.sol";

/// What a key consists of besides its program (docs/protocol.md, sections 7 and 8): digests, table points, setup.
library KeyParts {
    function digest(bytes calldata program, bytes calldata tables) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("fedproof/key/2", keccak256(program), uint8(tables.length / 64), tables));
    }

    function setupDigest(bytes calldata setup) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("fedproof/setup/1", setup));
    }

    /// n points, by V8 and V9; offsets of errors count from the first.
    function checkTables(bytes calldata tables, uint256 n) internal pure {
        if (tables.length != 64 * n) revert WrongTable();
        uint256 pos = Files.position(tables);
        Curve.check(pos, n, pos);
    }

    /// tau G1 (64 bytes) and tau H (128 bytes) in their groups, of one tau that is not zero.
    function checkSetup(bytes calldata setup) internal view {
        if (setup.length != 192) revert WrongSetup();
        if (uint256(bytes32(setup[:32])) | uint256(bytes32(setup[32:64])) == 0) revert WrongSetup();
        if (!Curve.sameFactor(Files.position(setup))) revert WrongSetup();
    }

    /// A copy in memory; its address.
    function keep(bytes calldata data) internal pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := mload(0x40)
            calldatacopy(place, data.offset, data.length)
            mstore(0x40, add(place, data.length))
        }
    }

    /// The key's first words.
    function shape(Key memory key) internal pure {
        unchecked {
            key.nW = key.lay.nW;
            key.nD = key.lay.nD;
            key.nb = key.lay.nb;
            key.steps = key.program.steps;
            key.batch = key.program.batch;
            key.blocks = key.program.blocks;
            key.records = key.steps * key.batch;
            key.trainingLength = Files.HEADER + key.lay.bodyLength;
            key.registrationLength = Files.HEADER + key.registration.bodyLength;
        }
    }
}
