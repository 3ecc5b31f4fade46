// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";
import {ProgramReader} from "../src/ProgramReader.sol";
import {TrainingWeights} from "../src/TrainingWeights.sol";
import {VerifyingKeys} from "../src/VerifyingKeys.sol";
import {TrainingVerifier} from "../src/TrainingVerifier.sol";
import {RegistrationVerifier} from "../src/RegistrationVerifier.sol";
import {CloseVerifier} from "../src/CloseVerifier.sol";
import {TRAINING, REGISTRATION, CLOSE} from "../src/verifier/Files.sol";

/// A golden vector: what a verifier is given, and the verdict it must reach.
struct Vector {
    string name;
    uint256 kind;
    bool valid;
    bytes program;
    bytes table;
    bytes setup;
    bytes statement;
    bytes proof;
}

/// Assertions, golden vectors and the three verifiers.
abstract contract TestBase {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    ProgramReader internal immutable reader = new ProgramReader();
    TrainingWeights internal immutable weights = new TrainingWeights();
    VerifyingKeys internal immutable keys = new VerifyingKeys(reader);
    TrainingVerifier internal immutable trainings = new TrainingVerifier(keys, weights);
    RegistrationVerifier internal immutable registrations = new RegistrationVerifier(keys);
    CloseVerifier internal immutable closes = new CloseVerifier(keys);

    function assertTrue(bool condition, string memory why) internal pure {
        require(condition, why);
    }

    function assertEq(uint256 got, uint256 expected, string memory why) internal pure {
        require(got == expected, string.concat(why, ": expected ", vm.toString(expected), ", got ", vm.toString(got)));
    }

    function assertEq(bytes memory got, bytes memory expected, string memory why) internal pure {
        require(
            keccak256(got) == keccak256(expected),
            string.concat(why, ": expected ", vm.toString(expected), ", got ", vm.toString(got))
        );
    }

    // --- golden vectors --------------------------------------------------------------------------------------------------

    function load(string memory file, uint256 i) internal view returns (Vector memory v) {
        string memory json = vm.readFile(string.concat("vectors/", file, ".json"));
        string memory pos = string.concat("[", vm.toString(i), "]");
        v.name = vm.parseJsonString(json, string.concat(pos, ".name"));
        v.kind = kindOf(vm.parseJsonString(json, string.concat(pos, ".kind")));
        v.valid = vm.parseJsonBool(json, string.concat(pos, ".valid"));
        v.program = _hex(json, string.concat(pos, ".program"));
        for (uint256 k = 0;; ++k) {
            string memory table = string.concat(pos, ".table[", vm.toString(k), "]");
            if (!vm.keyExistsJson(json, table)) break;
            v.table = bytes.concat(v.table, _hex(json, table));
        }
        v.setup = bytes.concat(_hex(json, string.concat(pos, ".setup.tau_g1")), _hex(json, string.concat(pos, ".setup.tau_g2")));
        v.statement = _hex(json, string.concat(pos, ".statement"));
        v.proof = _hex(json, string.concat(pos, ".proof"));
    }

    function kindOf(string memory word) private pure returns (uint256) {
        if (keccak256(bytes(word)) == keccak256("training")) return TRAINING;
        if (keccak256(bytes(word)) == keccak256("registration")) return REGISTRATION;
        require(keccak256(bytes(word)) == keccak256("close"), word);
        return CLOSE;
    }

    function count(string memory file) internal view returns (uint256 n) {
        string memory json = vm.readFile(string.concat("vectors/", file, ".json"));
        while (vm.keyExistsJson(json, string.concat("[", vm.toString(n), "]"))) ++n;
    }

    function _hex(string memory json, string memory key) private pure returns (bytes memory) {
        bytes memory text = bytes(vm.parseJsonString(json, key));
        bool prefixed = text.length > 1 && text[1] == "x";
        return vm.parseBytes(prefixed ? string(text) : string.concat("0x", string(text)));
    }

    // --- verdicts --------------------------------------------------------------------------------------------------------

    /// Stores the vector's key, then verifies with it. Empty if both succeed, else what the first reverts with ("none" for nothing).
    function verdict(Vector memory v) internal returns (bytes memory) {
        try keys.store(v.program, v.table, v.setup) returns (bytes32 keyId) {
            return verdict(v, keyId);
        } catch (bytes memory reason) {
            return nonEmpty(reason);
        }
    }

    function verdict(Vector memory v, bytes32 keyId) internal view returns (bytes memory) {
        if (v.kind == TRAINING) {
            try trainings.verifyTraining(keyId, v.statement, v.proof) returns (bytes memory) {
                return "";
            } catch (bytes memory reason) {
                return nonEmpty(reason);
            }
        }
        if (v.kind == CLOSE) {
            try closes.verifyClose(keyId, v.statement, v.proof) returns (bytes memory) {
                return "";
            } catch (bytes memory reason) {
                return nonEmpty(reason);
            }
        }
        try registrations.verifyRegistration(keyId, v.statement, v.proof) returns (bytes32) {
            return "";
        } catch (bytes memory reason) {
            return nonEmpty(reason);
        }
    }

    /// A failure without a reason must not look like success.
    function nonEmpty(bytes memory reason) private pure returns (bytes memory) {
        return reason.length == 0 ? bytes("none") : reason;
    }

    function assertAccepted(Vector memory v) internal {
        assertEq(verdict(v), "", v.name);
    }

    /// Rejected with this error, whatever its arguments.
    function assertRejected(Vector memory v, bytes4 selector, string memory why) internal {
        bytes memory reason = verdict(v);
        assertTrue(reason.length >= 4, string.concat(v.name, ": accepted although ", why));
        assertEq(abi.encodePacked(bytes4(reason)), abi.encodePacked(selector), string.concat(v.name, ", ", why));
    }
}
