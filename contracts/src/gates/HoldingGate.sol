// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IGate} from "../interfaces/IGate.sol";

/// What a gate's token is.
enum TokenKind {
    ERC20,
    ERC721
}

/// The member holds less of the token than it takes.
error HoldsTooLittle(address member, uint256 minimum, uint256 got);
/// The token with this number is another's.
error NotOwner(address member, uint256 tokenId);
/// There is nothing to hold: no code at the address, or a minimum that does not fit the kind (ERC-20: at least 1; ERC-721: exactly 1).
error WrongHolding(address token, uint256 minimum);

/// Holders of a token may join.
///
/// - ERC-20: whoever holds the minimum; a person is an address. The same tokens can be shown again from another address, so this keeps out
///   strangers, not the many addresses of one holder: for that there are the other kind and other gates.
/// - ERC-721: the owner of a token; a person is the token, so a token that is sold does not let its buyer in where its seller is.
contract HoldingGate is IGate {
    address public immutable token;
    TokenKind public immutable kind;
    uint256 public immutable minimum;

    constructor(address token_, TokenKind kind_, uint256 minimum_) {
        bool fits = kind_ == TokenKind.ERC20 ? minimum_ > 0 : minimum_ == 1;
        if (token_.code.length == 0 || !fits) revert WrongHolding(token_, minimum_);
        token = token_;
        kind = kind_;
        minimum = minimum_;
    }

    /// @inheritdoc IGate
    /// @dev evidence: ERC-20: nothing; ERC-721: abi.encode(uint256 tokenId).
    function admit(bytes32, address member, bytes calldata evidence) external view returns (bytes32 person) {
        if (kind == TokenKind.ERC20) {
            uint256 got = IERC20(token).balanceOf(member);
            if (got < minimum) revert HoldsTooLittle(member, minimum, got);
            return bytes32(uint256(uint160(member)));
        }
        uint256 tokenId = abi.decode(evidence, (uint256));
        if (IERC721(token).ownerOf(tokenId) != member) revert NotOwner(member, tokenId);
        return bytes32(tokenId);
    }
}
