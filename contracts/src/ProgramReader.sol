// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Plans} from "./verifier/Plan.sol";

/// Decodes programs and computes their layouts (docs/protocol.md, sections 1 and 2), which verifiers never take from anybody else.
/// Stateless; a contract of its own because the verifiers would otherwise exceed the size that a contract may have.
contract ProgramReader {
    /// The program and its layout as Plans.unpack takes them; only verifiers of the same build can read it. Reverts with IllegalProgram
    /// unless the bytes are canonical and within every limit.
    function read(bytes calldata program) external pure returns (bytes memory image) {
        return Plans.pack(program);
    }
}
