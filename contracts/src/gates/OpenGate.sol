// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGate} from "../interfaces/IGate.sol";

/// Everybody may join: a person is an address. Nothing but the stake keeps anybody from joining with many.
contract OpenGate is IGate {
    /// @inheritdoc IGate
    function admit(bytes32, address member, bytes calldata) external pure returns (bytes32 person) {
        return bytes32(uint256(uint160(member)));
    }
}
