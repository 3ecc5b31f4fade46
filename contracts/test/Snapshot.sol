// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase} from "./TestBase.sol";

/// Numbers held against a file in contracts/snapshots; with UPDATE_SNAPSHOTS=true in the environment they are written there.
abstract contract Snapshot is TestBase {
    event log_named_uint(string name, uint256 value);

    string[] private names;
    uint256[] private values;

    function record(string memory name, uint256 value) internal {
        names.push(name);
        values.push(value);
        emit log_named_uint(name, value);
    }

    /// Within one percent, or a hundred gas, of the snapshot.
    function compare(string memory file) internal {
        if (vm.envOr("UPDATE_SNAPSHOTS", false)) vm.writeFile(file, json());
        string memory snapshot = vm.readFile(file);
        for (uint256 k = 0; k < names.length; ++k) {
            uint256 expected = vm.parseJsonUint(snapshot, string.concat(".", names[k]));
            uint256 difference = values[k] > expected ? values[k] - expected : expected - values[k];
            if (difference > 100 + expected / 100) assertEq(values[k], expected, string.concat(file, ", ", names[k]));
        }
    }

    function json() private view returns (string memory text) {
        for (uint256 k = 0; k < names.length; ++k) {
            text = string.concat(text, k == 0 ? "{\n" : ",\n", '  "', names[k], '": ', vm.toString(values[k]));
        }
        text = string.concat(text, "\n}\n");
    }
}
