// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IGate} from "../interfaces/IGate.sol";

/// The issuer did not sign this voucher for this task and member on this chain.
error WrongVoucher(address member);
/// The voucher was good until then.
error VoucherExpired(uint64 deadline);

/// Those may join for whom the issuer signs: it knows who they are and says so by a number, the same for every address of a person.
///
/// Voucher: EIP-712 Voucher(bytes32 task,address member,bytes32 person,uint64 deadline) in the domain "fedproof VoucherGate", version 1, this
/// chain and contract. Signed by a key (ECDSA) or a contract (ERC-1271). Good for one task and member; that a person joins once is the hub's to see to.
contract VoucherGate is IGate, EIP712 {
    bytes32 public constant VOUCHER = keccak256("Voucher(bytes32 task,address member,bytes32 person,uint64 deadline)");

    address public immutable issuer;

    constructor(address issuer_) EIP712("fedproof VoucherGate", "1") {
        issuer = issuer_;
    }

    /// @inheritdoc IGate
    /// @dev evidence: abi.encode(bytes32 person, uint64 deadline, bytes signature).
    function admit(bytes32 id, address member, bytes calldata evidence) external view returns (bytes32 person) {
        uint64 deadline;
        bytes memory signature;
        (person, deadline, signature) = abi.decode(evidence, (bytes32, uint64, bytes));
        if (block.timestamp > deadline) revert VoucherExpired(deadline);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(VOUCHER, id, member, person, deadline)));
        if (!SignatureChecker.isValidSignatureNow(issuer, digest, signature)) revert WrongVoucher(member);
    }
}
