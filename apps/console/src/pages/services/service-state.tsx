import type { Deployment, Service, ServiceState as StateOf } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { State, type StateName } from "../../components/state.tsx";

const SHOWN: Readonly<Record<StateOf, StateName>> = {
  WAITING: "WAITING",
  STARTING: "RUNNING",
  UP: "ACTIVE",
  DOWN: "FAILED",
  STOPPED: "CANCELLED",
};

export function ServiceState({ of }: { of: StateOf }) {
  const { t } = useTranslation();
  return <State of={SHOWN[of]} label={t(`services.state.${of}`)} />;
}

export const championOf = (service: Service): Deployment | undefined =>
  service.deployments.find(({ id }) => id === service.champion);
