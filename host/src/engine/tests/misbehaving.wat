;; A component of the engine's type that misbehaves as `now` or the called operation says.
;; `build.rs` compiles it twice: as it is, and with the start function that never ends.
(component
  (core module $module
    (memory (export "memory") 1)
    (global $calls (mut i32) (i32.const 0))
    (func $for-ever (loop $again (br $again)))
    ;; (start $for-ever)

    ;; facts, revoked-at (2), expires-at (2), now -> reason
    (func (export "decide") (param i32 i32 i64 i32 i64 i64) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      ;; now = 1: trap
      (if (i64.eq (local.get 5) (i64.const 1)) (then (unreachable)))
      ;; now = 2: loop
      (if (i64.eq (local.get 5) (i64.const 2)) (then (call $for-ever)))
      ;; now = 3: a reason that does not exist
      (if (i64.eq (local.get 5) (i64.const 3)) (then (return (i32.const 99))))
      ;; now = 4: the whole address space; refused, say `unknown`
      (if (i64.eq (local.get 5) (i64.const 4)) (then
        (return (i32.eq (memory.grow (i32.const 65535)) (i32.const -1)))))
      ;; now = 5: endless recursion
      (if (i64.eq (local.get 5) (i64.const 5)) (then (return (call $recurse (i32.const 0)))))
      ;; otherwise the number of this instance's calls: `unknown`, `other-organization`, ...
      (global.get $calls))

    (func $recurse (param i32) (result i32)
      (i32.add (call $recurse (local.get 0)) (i32.const 1)))

    ;; verb (address, length), input (address, length) -> address of the result
    (func (export "run") (param i32 i32 i32 i32) (result i32)
      ;; ok and a text of 60,000 bytes
      (i32.store (i32.const 0) (i32.const 0))
      (i32.store (i32.const 4) (i32.const 1024))
      (i32.store (i32.const 8) (i32.const 60000))
      ;; an input of 1 byte: a text that reaches out of the memory
      (if (i32.eq (local.get 3) (i32.const 1)) (then
        (i32.store (i32.const 4) (i32.const 65000))))
      ;; an input of 2 bytes: a byte that is no text
      (if (i32.eq (local.get 3) (i32.const 2)) (then
        (i32.store (i32.const 4) (i32.const 12))
        (i32.store (i32.const 8) (i32.const 1))
        (i32.store8 (i32.const 12) (i32.const 255))))
      (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16)))
  (core instance $core (instantiate $module))
  (alias core export $core "memory" (core memory $memory))
  (alias core export $core "realloc" (core func $realloc))

  (type $facts (flags "well-formed" "known" "same-organization" "user-name-matches" "owner-active"))
  (type $reason (enum "malformed" "unknown" "other-organization" "user-mismatch"
    "owner-inactive" "revoked" "expired" "allowed"))
  (func $decide
    (param "facts" $facts) (param "revoked-at" (option s64)) (param "expires-at" (option s64))
    (param "now" s64) (result $reason)
    (canon lift (core func $core "decide")))

  ;; An exported function's types must have exported names; only a component of its own gives
  ;; them in an interface.
  (component $named
    (type $flags
      (flags "well-formed" "known" "same-organization" "user-name-matches" "owner-active"))
    (type $enum (enum "malformed" "unknown" "other-organization" "user-mismatch"
      "owner-inactive" "revoked" "expired" "allowed"))
    (import "facts" (type $facts (eq $flags)))
    (import "reason" (type $reason (eq $enum)))
    (import "decide" (func $decide
      (param "facts" $facts) (param "revoked-at" (option s64)) (param "expires-at" (option s64))
      (param "now" s64) (result $reason)))
    (export $named-facts "facts" (type $facts))
    (export $named-reason "reason" (type $reason))
    (export "decide" (func $decide) (func
      (param "facts" $named-facts) (param "revoked-at" (option s64))
      (param "expires-at" (option s64)) (param "now" s64) (result $named-reason))))
  (instance $validation (instantiate $named
    (with "facts" (type $facts)) (with "reason" (type $reason)) (with "decide" (func $decide))))
  (export "exportgate:engine/validation@1.0.0" (instance $validation))

  (func $run
    (param "verb" string) (param "input" string) (result (result string (error string)))
    (canon lift (core func $core "run") (memory $memory) (realloc $realloc)))
  (instance $operations (export "run" (func $run)))
  (export "exportgate:engine/operations@1.0.0" (instance $operations)))
