// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Plan, Plans} from "./verifier/Plan.sol";
import {Images} from "./verifier/Image.sol";

/// Decodes programs and computes their layouts (docs/protocol.md, sections 1 and 2), which verifiers never take from anybody else.
/// Stateless; a contract of its own because the verifiers would otherwise exceed the size that a contract may have.
contract ProgramReader {
    /// Returns the memory of a Plan as it lies at address `place` of the caller's memory (see Images): only verifiers of the same build
    /// can read it. Reverts with IllegalProgram unless the bytes are canonical and within every limit.
    function read(bytes calldata program, uint256 place) external pure {
        assembly ("memory-safe") {
            if lt(place, mload(0x40)) { invalid() }
            mstore(0x40, place)
        }
        uint256 start = Images.reserve();
        Plan memory plan = Plans.compute(program);
        uint256 root;
        assembly ("memory-safe") {
            root := plan
        }
        Images.give(start, root);
    }
}
