/** Our mark: a milestone with the way ahead. */
export function Mark({ size = 34 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#3f57d8" />
      <path d="M9.5 26V13a6.5 6.5 0 0 1 13 0v13z" fill="#fff" />
      <path
        d="M12.5 16h5.2m-1.9-2.2 2.2 2.2-2.2 2.2M12.5 22h7"
        fill="none"
        stroke="#3f57d8"
        strokeWidth="1.9"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M6.5 26h19" stroke="#fff" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
