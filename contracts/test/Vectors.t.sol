// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "./TestBase.sol";
import {Vm} from "./Vm.sol";
import {OpeningFailed} from "../src/verifier/Errors.sol";

/// Every golden vector has the verdict that Rust and the Python reference reach.
contract VectorsTest is TestBase {
    event log_named_bytes(string name, bytes value);

    /// Checks all files of the directory whose names begin with `prefix`; the number of wrong verdicts and of files.
    function check(string memory prefix) private returns (uint256 wrong, uint256 files) {
        Vm.DirEntry[] memory entries = vm.readDir("vectors");
        for (uint256 k = 0; k < entries.length; ++k) {
            string memory file = stem(entries[k].path);
            if (!startsWith(file, prefix)) continue;
            ++files;
            uint256 n = count(file);
            assertTrue(n >= 2, file);
            for (uint256 i = 0; i < n; ++i) {
                Vector memory v = load(file, i);
                bytes memory got = verdict(v);
                if (keccak256(got) == keccak256(v.valid ? bytes("") : bytes.concat(OpeningFailed.selector))) continue;
                ++wrong;
                emit log_named_bytes(string.concat(file, ": ", v.name), got);
            }
        }
    }

    /// The file's name without ".json".
    function stem(string memory path) private pure returns (string memory) {
        bytes memory text = bytes(path);
        uint256 start = text.length;
        while (start > 0 && text[start - 1] != "/") --start;
        if (text.length < start + 5) return "";
        bytes memory name = new bytes(text.length - start - 5);
        for (uint256 i = 0; i < name.length; ++i) {
            name[i] = text[start + i];
        }
        return string(name);
    }

    function startsWith(string memory text, string memory prefix) private pure returns (bool) {
        if (bytes(text).length < bytes(prefix).length) return false;
        for (uint256 i = 0; i < bytes(prefix).length; ++i) {
            if (bytes(text)[i] != bytes(prefix)[i]) return false;
        }
        return true;
    }

    function test_core() external {
        (uint256 wrong, uint256 files) = check("core-");
        assertEq(wrong, 0, "wrong verdicts");
        assertTrue(files >= 3, "vectors of the core");
    }

    /// Limbs shorter than the vectors' numbers of cells.
    function test_long_vectors() external {
        (uint256 wrong, uint256 files) = check("long-");
        assertEq(wrong, 0, "wrong verdicts");
        assertEq(files, 1, "vectors of 2^17 cells");
    }

    function test_reference() external {
        (uint256 wrong, uint256 files) = check("reference-");
        assertEq(wrong, 0, "wrong verdicts");
        assertTrue(files >= 17, "vectors of the reference");
    }
}
