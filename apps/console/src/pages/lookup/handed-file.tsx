import { useQueryClient } from "@tanstack/react-query";
import type { Dataset } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Notice } from "../../components/page.tsx";
import type { Handed } from "../ask/handed.ts";
import { ImportModal } from "../datasets/upload-zone.tsx";

interface HandedFileProps {
  readonly handed: Handed;
  onDataset(dataset: Dataset): void;
}

/** A job reads a dataset: the file that was to be asked becomes one first. */
export function HandedFile({ handed: { file, keys }, onDataset }: HandedFileProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  if (file === null) return null;
  return (
    <Notice tone="wait" title={t("lookup.handed", { file: file.name })}>
      <div className="row wrap">
        <span>{t("lookup.handedHint", { keys: keys.join(" + ") })}</span>
        <Act size="small" needs="datasets:manage" onClick={() => setOpen(true)}>
          {t("datasets.import")}
        </Act>
      </div>
      {open && (
        <ImportModal
          file={file}
          onClose={() => setOpen(false)}
          onDone={(dataset) => {
            setOpen(false);
            void queries.invalidateQueries({ queryKey: ["listDatasets"] });
            onDataset(dataset);
          }}
        />
      )}
    </Notice>
  );
}
