// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The cheat codes of forge that tests of the parts use.
interface Cheats {
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function cool(address account) external;
    function etch(address target, bytes calldata code) external;
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function prevrandao(bytes32 value) external;
    function chainId(uint256 id) external;
    function expectRevert(bytes calldata reason) external;
    function expectRevert() external;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseBytes(string calldata text) external pure returns (bytes memory);
    function toString(uint256 value) external pure returns (string memory);
}

/// Assertions and cheats for tests of single contracts.
abstract contract PartBase {
    Cheats internal constant cheats = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes32 internal constant ID = keccak256("a task");
    address internal constant ALICE = address(0xA11CE);
    address internal constant BOB = address(0xB0B);
    address internal constant CAROL = address(0xCA401);

    function assertTrue(bool condition, string memory why) internal pure {
        require(condition, why);
    }

    function assertEq(uint256 got, uint256 expected, string memory why) internal pure {
        require(got == expected, string.concat(why, ": expected ", cheats.toString(expected), ", got ", cheats.toString(got)));
    }

    function assertEq(bytes32 got, bytes32 expected, string memory why) internal pure {
        require(got == expected, why);
    }

    /// The next call reverts with exactly this.
    function expect(bytes memory reason) internal {
        cheats.expectRevert(reason);
    }

    /// The next call reverts with this error, which has no arguments.
    function expect(bytes4 selector) internal {
        cheats.expectRevert(abi.encodePacked(selector));
    }
}
