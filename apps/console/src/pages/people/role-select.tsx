import { type Role, role } from "@tombolo/sdk";
import { Checkbox } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";

interface RoleSelectProps {
  readonly value: readonly Role[];
  /** Of a person: business systems have roles of their own. */
  readonly person?: boolean;
  onChange(roles: Role[]): void;
}

export function RoleSelect({ value, person, onChange }: RoleSelectProps) {
  const { t } = useTranslation();
  return (
    <Field label={t("people.roles")} group>
      <div className="stack tight">
        {role.options
          .filter((each) => person !== true || each !== "caller")
          .map((each) => (
            <Checkbox
              key={each}
              checked={value.includes(each)}
              onChange={(event) =>
                onChange(event.target.checked ? [...value, each] : value.filter((known) => known !== each))
              }
            >
              {t(`common.role.${each}`)} <span className="small muted">{t(`common.roleHint.${each}`)}</span>
            </Checkbox>
          ))}
      </div>
    </Field>
  );
}
