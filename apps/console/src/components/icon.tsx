/** A small set of 16 px line icons, drawn here so that nothing is fetched. */
const PATHS = {
  overview: "M2.5 8 8 3l5.5 5M4 7v6h8V7",
  approvals: "M3 8.5 6.5 12 13 4.5",
  jobs: "M2.5 4h4v4h-4zM9.5 8h4v4h-4zM6.5 6h3.5v2",
  match:
    "M6.2 3.800a4.200 4.200 0 1 0 0 8.400a4.200 4.200 0 1 0 0-8.400M9.800 3.800a4.200 4.200 0 1 0 0 8.400a4.200 4.200 0 1 0 0-8.400",
  schedules: "M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11M8 5v3.200l2.200 1.400",
  jointModel: "M5 5.2a2.2 2.2 0 1 0 0 .1M11 10.8a2.2 2.2 0 1 0 0 .1M4.2 11.5 11.8 4.5",
  score: "M2.5 13h11M4 11V7m4 4V3m4 8V5.5",
  services: "M2.500 8h2.500l1.500-4 3 8 1.500-4h2.500",
  ask: "M7 2.500a4.500 4.500 0 1 0 0 9a4.500 4.500 0 1 0 0-9M10.300 10.300 13.500 13.500",
  queryTables:
    "M2.500 3.500h11v4M2.500 3.500v9h5M2.500 6.500h11M6 3.500v9M10.500 8.500a2 2 0 1 0 0 4a2 2 0 1 0 0-4M12 12l1.800 1.800",
  models: "M8 2.5v3M8 5.5 4 9m4-3.5L12 9M2.5 9h3v3.5h-3zM10.500 9h3v3.5h-3z",
  datasets:
    "M3 4.500c0-2.700 10-2.700 10 0v7c0 2.700-10 2.700-10 0zM3 4.500c0 2.700 10 2.700 10 0M3 8c0 2.700 10 2.700 10 0",
  grants: "M6 9.500a3 3 0 1 1 1.500-2.600L13.500 7v2.500M11 7v2",
  projects: "M2.500 5h4l1.200 1.500h5.800v6h-11z",
  partners:
    "M5.500 7.500a2 2 0 1 0-.1 0M2.500 13c0-4 6-4 6 0M11 7a1.700 1.700 0 1 0-.1 0M10.500 9c2-.400 3.500 1 3.500 3.500",
  journal: "M4 2.500h8v11H4zM6 5.500h4M6 8h4M6 10.500h2",
  people: "M8 7.500a2.500 2.500 0 1 0-.1 0M3 13.500c0-5 10-5 10 0",
  settings: "M2.500 5h7M12 5h1.500M10.500 3.500v3M2.500 11H5M7.500 11h6M6 9.500v3",
  canvas: "M2.500 3h4v3.500h-4zM9.500 9.500h4V13h-4zM6.500 4.750c4.500 0-1.500 6.500 3 6.500",
  undo: "M5.500 4 2.500 7l3 3M2.500 7h7a3 3 0 0 1 0 6H7.500",
  redo: "M10.500 4l3 3-3 3M13.500 7h-7a3 3 0 0 0 0 6h2",
  tidy: "M2.500 6h3.500v4H2.500zM10 2.500h3.500V6H10zM10 10h3.500v3.500H10zM6 8h2V4.250h2M8 8v3.750h2",
  fit: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  play: "M5 3.200v9.600L12.800 8z",
  cross: "M4.500 4.500l7 7M11.500 4.500l-7 7",
  up: "M8 12.500v-9M4.500 7 8 3.500 11.500 7",
  pages: "M5.500 2.500h5l2.500 2.500v6.500H5.500zM3 5v8.500h7",
  copy: "M5.500 5.500h7v7h-7zM10.500 5.500v-2h-7v7h2",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  download: "M8 2.500v7M5 7l3 3 3-3M3 13h10",
  upload: "M8 10V3M5 5.500l3-3 3 3M3 13h10",
  out: "M5 11l6-6M6.500 5H11v4.500",
  in: "M11 5l-6 6M9.500 11H5V6.500",
  sun: "M8 5a3 3 0 1 0 .1 0M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500",
  moon: "M12.500 9.500A5 5 0 0 1 6.500 3.500a5 5 0 1 0 6 6",
  leave: "M9 3H3.500v10H9M7 8h6.500M11 5.500 13.500 8 11 10.500",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" style={{ display: "block", flex: "none" }}>
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
