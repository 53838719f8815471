;; The inner loops of moving-picture.ts, eight or sixteen pixels at a time. The rest is TypeScript.
;; Between its passes a row is held in 15 bits (a byte << 7), so that differences fit a signed lane and only the last
;; pass rounds. A weight is 0 to 32767: the share of the second value.
(module
  (memory (export "memory") 1 1024)

  ;; One row across: 15-bit values between two neighbouring bytes each. A group is eight pixels: its bytes are picked out
  ;; of the sixteen from $starts[group] on, by $picks (eight firsts, eight seconds), and mixed by $weights.
  (func (export "across")
    (param $row i32) (param $to i32) (param $starts i32) (param $picks i32) (param $weights i32) (param $groups i32)
    (local $pairs v128) (local $first v128)
    (loop $next
      (local.set $pairs
        (i8x16.swizzle
          (v128.load (i32.add (local.get $row) (i32.load (local.get $starts))))
          (v128.load (local.get $picks))))
      (local.set $first (i16x8.shl (i16x8.extend_low_i8x16_u (local.get $pairs)) (i32.const 7)))
      (v128.store (local.get $to)
        (i16x8.add
          (local.get $first)
          (i16x8.q15mulr_sat_s
            (i16x8.sub
              (i16x8.shl (i16x8.extend_high_i8x16_u (local.get $pairs)) (i32.const 7))
              (local.get $first))
            (v128.load (local.get $weights)))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $starts (i32.add (local.get $starts) (i32.const 4)))
      (local.set $picks (i32.add (local.get $picks) (i32.const 16)))
      (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
      (br_if $next (local.tee $groups (i32.sub (local.get $groups) (i32.const 1))))))

  ;; Bytes between two 15-bit rows. Writes whole groups of eight.
  (func (export "down") (param $upper i32) (param $lower i32) (param $weight i32) (param $to i32) (param $groups i32)
    (local $share v128) (local $first v128)
    (local.set $share (i16x8.splat (local.get $weight)))
    (loop $next
      (local.set $first (v128.load (local.get $upper)))
      (local.set $first
        (i16x8.shr_s
          (i16x8.add
            (i16x8.add
              (local.get $first)
              (i16x8.q15mulr_sat_s
                (i16x8.sub (v128.load (local.get $lower)) (local.get $first))
                (local.get $share)))
            (i16x8.splat (i32.const 64)))
          (i32.const 7)))
      (v128.store64_lane 0 (local.get $to) (i8x16.narrow_i16x8_u (local.get $first) (local.get $first)))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))
      (local.set $upper (i32.add (local.get $upper) (i32.const 16)))
      (local.set $lower (i32.add (local.get $lower) (i32.const 16)))
      (br_if $next (local.tee $groups (i32.sub (local.get $groups) (i32.const 1))))))

  ;; Mixes $other into $frame. Works in whole groups of sixteen.
  (func (export "dissolve") (param $frame i32) (param $other i32) (param $weight i32) (param $groups i32)
    (local $share v128) (local $first v128) (local $second v128) (local $low v128) (local $high v128)
    (local.set $share (i16x8.splat (local.get $weight)))
    (loop $next
      (local.set $first (v128.load (local.get $frame)))
      (local.set $second (v128.load (local.get $other)))
      (local.set $low (i16x8.shl (i16x8.extend_low_i8x16_u (local.get $first)) (i32.const 7)))
      (local.set $high (i16x8.shl (i16x8.extend_high_i8x16_u (local.get $first)) (i32.const 7)))
      (local.set $low
        (i16x8.add
          (local.get $low)
          (i16x8.q15mulr_sat_s
            (i16x8.sub (i16x8.shl (i16x8.extend_low_i8x16_u (local.get $second)) (i32.const 7)) (local.get $low))
            (local.get $share))))
      (local.set $high
        (i16x8.add
          (local.get $high)
          (i16x8.q15mulr_sat_s
            (i16x8.sub (i16x8.shl (i16x8.extend_high_i8x16_u (local.get $second)) (i32.const 7)) (local.get $high))
            (local.get $share))))
      (v128.store (local.get $frame)
        (i8x16.narrow_i16x8_u
          (i16x8.shr_s (i16x8.add (local.get $low) (i16x8.splat (i32.const 64))) (i32.const 7))
          (i16x8.shr_s (i16x8.add (local.get $high) (i16x8.splat (i32.const 64))) (i32.const 7))))
      (local.set $frame (i32.add (local.get $frame) (i32.const 16)))
      (local.set $other (i32.add (local.get $other) (i32.const 16)))
      (br_if $next (local.tee $groups (i32.sub (local.get $groups) (i32.const 1)))))))
