// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase} from "./TestBase.sol";

/// EIP-170: no contract may be longer than 24,576 bytes.
contract SizeTest is TestBase {
    event log_named_uint(string name, uint256 value);

    function test_sizes() external {
        check("ProgramReader", address(reader));
        check("VerifyingKeys", address(keys));
        check("TrainingWeights", address(weights));
        check("TrainingVerifier", address(trainings));
        check("RegistrationVerifier", address(registrations));
        check("CloseVerifier", address(closes));
    }

    function check(string memory name, address contract_) private {
        emit log_named_uint(name, contract_.code.length);
        assertTrue(contract_.code.length <= 24576, name);
    }
}
